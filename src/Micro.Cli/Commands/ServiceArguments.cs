using System.CommandLine;
using System.CommandLine.Parsing;
using Micro.Cli.Requests;
using Micro.Discovery;
using Micro.Transport;

namespace Micro.Cli.Commands;

/// <summary>The arguments and options of commands that ask one service, checked while the command line is read.</summary>
internal static class ServiceArguments
{
    public static Argument<string> Service() => new("NAME")
    {
        Description = "Name of the service, as it is registered.",
        CustomParser = result => Check(result, result.Tokens[0].Value),
    };

    public static Option<Uri?> Address() => new("--address")
    {
        Description = "Ask the instance at this address, without the registry, e.g. grpc://127.0.0.1:5001.",
        HelpName = "URI",
        CustomParser = result => ParseAddress(result, result.Tokens[0].Value),
    };

    public static Option<TimeSpan?> Time() =>
        Time("--timeout", $"Time for the call, all attempts included: {DurationText.Forms}. Default: 5s for one response, none for a stream.");

    public static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => ParseTime(result, result.Tokens[0].Value),
    };

    private static string? Check(ArgumentResult result, string name)
    {
        try
        {
            ServiceInstance.CheckName(name);
        }
        catch (ArgumentException)
        {
            result.AddError($"'{name}' is not the name of a service: 1 to 200 letters, digits, '.', '_' or '-'.");
        }

        return name;
    }

    private static Uri? ParseAddress(ArgumentResult result, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address))
        {
            result.AddError($"'{text}' is not an address. Write e.g. grpc://127.0.0.1:5001.");
            return null;
        }

        try
        {
            MicroAddress.CheckAdvertised(address);
        }
        catch (MicroAddressException e)
        {
            result.AddError($"{e.Message} Write e.g. grpc://127.0.0.1:5001.");
        }

        return address;
    }

    private static TimeSpan? ParseTime(ArgumentResult result, string text)
    {
        if (DurationText.TryParse(text, out var time))
        {
            return time;
        }

        result.AddError($"'{text}' is not a time. Write {DurationText.Forms}; at most a day.");
        return null;
    }
}
