using Microsoft.Extensions.Options;

namespace Micro.Transport.Http;

internal sealed class HttpTransportOptionsValidation : IValidateOptions<HttpTransportOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpTransportOptions options)
    {
        var wrong = new List<string>();
        Check(options.MaxMessageBytes is > 0 and <= 1 << 30, "MaxMessageBytes is from 1 to 1073741824");
        Check(options.ConnectTimeout > TimeSpan.Zero, "ConnectTimeout is above zero");
        Check(options.IdleTimeout > TimeSpan.Zero, "IdleTimeout is above zero");
        Check(options.MaxConnections > 0, "MaxConnections is above zero");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(bool holds, string rule)
        {
            if (!holds)
            {
                wrong.Add($"This does not hold: Micro:Http:{rule}.");
            }
        }
    }
}
