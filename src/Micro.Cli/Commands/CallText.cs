using Micro.Cli.Terminal;

namespace Micro.Cli.Commands;

/// <summary>Writes the command that calls a method, ready to be pasted into a shell: with the options this command was given.</summary>
internal sealed class CallText(string tool, string service, ToolSettings settings, Uri? address)
{
    public string Command(string method, string json) => ShellText.Join([tool, "call", service, method, json, .. Options()]);

    private IEnumerable<string> Options()
    {
        if (address is not null)
        {
            yield return "--address";
            yield return address.OriginalString;
        }

        if (settings.Home is { } home)
        {
            yield return "--home";
            yield return home;
        }

        if (settings.Registry is { } registry)
        {
            yield return "--registry";
            yield return registry;
        }

        if (settings.As is { } name)
        {
            yield return "--as";
            yield return name;
        }

        if (settings.Insecure)
        {
            yield return "--insecure";
        }
    }
}
