using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Micro.AspNetCore.Hosting;

/// <summary>Binds <see cref="MicroServerOptions"/> and checks them.</summary>
internal sealed class MicroServerOptionsSetup(IConfiguration configuration) : IConfigureOptions<MicroServerOptions>, IValidateOptions<MicroServerOptions>
{
    public void Configure(MicroServerOptions options)
    {
        configuration.GetSection("Micro:Server").Bind(options);
        Read("Micro:Listen", options.Listen);
        Read("Micro:Advertise", options.Advertise);
        Read("Micro:Edge:Listen", options.Edge);
        options.EdgeCertificate = configuration["Micro:Edge:Certificate"] ?? options.EdgeCertificate;
        options.EdgeKey = configuration["Micro:Edge:Key"] ?? options.EdgeKey;
    }

    public ValidateOptionsResult Validate(string? name, MicroServerOptions options)
    {
        var wrong = new List<string>();
        Check(options.MaxMessageBytes > 0, "MaxMessageBytes is above zero");
        Check(options.MaxConcurrentConnections > 0, "MaxConcurrentConnections is above zero");
        Check(options.MaxStreamsPerConnection > 0, "MaxStreamsPerConnection is above zero");
        Check(options.MaxHeaderBytes >= 1024, "MaxHeaderBytes is 1024 or more");
        Check(options.MaxHeaderCount >= 20, "MaxHeaderCount is 20 or more");
        Check(options.KeepAlivePingDelay >= TimeSpan.FromSeconds(1), "KeepAlivePingDelay is 1 s or more");
        Check(options.KeepAlivePingTimeout >= TimeSpan.FromSeconds(1), "KeepAlivePingTimeout is 1 s or more");
        Check(options.ResponseCompression is null or "gzip" or "deflate", "ResponseCompression is gzip, deflate or not set");
        if (options.EdgeCertificate is null != options.EdgeKey is null)
        {
            wrong.Add("Micro:Edge has a Certificate without a Key, or the other way round; give both or none.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(bool holds, string rule)
        {
            if (!holds)
            {
                wrong.Add($"This does not hold: Micro:Server:{rule}.");
            }
        }
    }

    private void Read(string key, IList<string> values)
    {
        var section = configuration.GetSection(key);
        IEnumerable<string?> given = section.Value is { } text ? text.Split(';') : section.GetChildren().Select(child => child.Value);
        foreach (var value in given)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                values.Add(value.Trim());
            }
        }
    }
}
