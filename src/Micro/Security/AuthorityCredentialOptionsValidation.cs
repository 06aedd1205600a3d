using Microsoft.Extensions.Options;

namespace Micro.Security;

internal sealed class AuthorityCredentialOptionsValidation : IValidateOptions<AuthorityCredentialOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthorityCredentialOptions options)
    {
        string[] wrong = [.. Check("Address", options.Address, isRequired: true), .. Check("JoinAddress", options.JoinAddress, isRequired: false)];
        return wrong.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    /// <summary>The addresses of an option; those that are none are left out, as validation refused them.</summary>
    public static IReadOnlyList<Uri> Addresses(string? option) =>
        [.. Split(option).Select(text => Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsUsable(uri) ? uri : null).OfType<Uri>()];

    private static IEnumerable<string> Check(string key, string? option, bool isRequired)
    {
        var given = Split(option);
        if (isRequired && given.Length == 0)
        {
            yield return $"Micro:Security:Authority:{key} is not set; it is where the authority is reached, e.g. grpc://authority.example:7443.";
        }

        foreach (var text in given.Where(text => !Uri.TryCreate(text, UriKind.Absolute, out var uri) || !IsUsable(uri)))
        {
            yield return $"Micro:Security:Authority:{key} has '{text}', which is no address of an authority; write grpc://host:port or http://host:port, which both mean TLS.";
        }
    }

    private static string[] Split(string? option) => option?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool IsUsable(Uri uri) => uri is { Scheme: "grpc" or "http", Port: > 0 and <= 65535, Host.Length: > 0 };
}
