using System.Security.Cryptography;
using Micro.Hosting;
using Micro.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Micro.Soak.Authority;

/// <summary>
/// A process that gets a credential from the local authority in <c>--home</c> and says after each change whom it trusts: <c>bundle NUMBER ROOT…</c>, the roots
/// as SHA-256. The end of its input ends it.
/// </summary>
internal static class AuthorityNode
{
    public static async Task<int> RunAsync(SoakArguments arguments)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["Micro:Home"] = arguments.Text("home", "");
        builder.AddMicro("node").AddLocalAuthority();
        using var host = builder.Build();
        var source = host.Services.GetRequiredService<ICredentialSource>();
        var end = Task.Run(Console.In.ReadToEnd); // the console reads on the caller's thread, async or not
        while (!end.IsCompleted)
        {
            var credential = await source.GetAsync(ServiceIdentity.Create("micro.local", "default", "node"), CancellationToken.None);
            var roots = credential.Bundle.RootsOf("micro.local").Select(root => root.GetCertHashString(HashAlgorithmName.SHA256));
            Console.WriteLine($"bundle {credential.Bundle.Sequence} {string.Join(' ', roots)}");
            await Console.Out.FlushAsync();
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = credential.Superseded.Register(changed.SetResult);
            await Task.WhenAny(changed.Task, end);
        }

        return 0;
    }
}
