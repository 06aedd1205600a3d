using System.Net;
using System.Net.Sockets;
using Micro.Security;

namespace Micro.Grpc.Security;

/// <summary>Where a Workload API listens. Source: SPIFFE_Workload_Endpoint.md, section 4.</summary>
/// <param name="Text">As it was given, for messages.</param>
/// <param name="Address">Where to connect to.</param>
internal sealed record WorkloadEndpoint(string Text, EndPoint Address)
{
    public const string Variable = "SPIFFE_ENDPOINT_SOCKET";

    private const string Key = "Micro:Security:Workload:Endpoint";
    private const string Forms = "unix:///absolute/path or tcp://<IP address>:<port>";

    /// <param name="configured">What configuration says; null or empty leaves it to the environment, as the specification has it.</param>
    /// <param name="environment">The value of <see cref="Variable"/>.</param>
    /// <exception cref="CredentialException">Nothing says where it is, or what does cannot be understood.</exception>
    public static WorkloadEndpoint Of(string? configured, string? environment)
    {
        var (origin, text) = string.IsNullOrEmpty(configured) ? ($"${Variable}", environment) : (Key, configured);
        if (string.IsNullOrEmpty(text))
        {
            throw new CredentialException($"Nothing says where the SPIFFE Workload API is: set {Key} or the environment variable {Variable} to {Forms}, as the agent's operator names it.");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.UserInfo.Length + uri.Query.Length + uri.Fragment.Length > 0)
        {
            throw Refuse(origin, text);
        }

        try
        {
            return new WorkloadEndpoint(text, uri.Scheme switch
            {
                "unix" when uri.Host.Length == 0 && uri.AbsolutePath.Length > 1 && uri.AbsolutePath[0] == '/' => new UnixDomainSocketEndPoint(Uri.UnescapeDataString(uri.AbsolutePath)),

                // A name could be made to lead to another machine, and there is nothing on the wire to tell by who answers.
                "tcp" when uri.AbsolutePath is "" or "/" && uri.Port is > 0 and <= 65535 && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) => new IPEndPoint(ip, uri.Port),
                _ => throw Refuse(origin, text),
            });
        }
        catch (ArgumentException exception)
        {
            throw Refuse(origin, text, $" ({exception.Message})", exception); // longer than the platform allows
        }
    }

    public Socket CreateSocket() => Address is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public override string ToString() => Text;

    private static CredentialException Refuse(string origin, string text, string more = "", Exception? cause = null) =>
        new($"{origin} is '{text}', and the address of a SPIFFE Workload API is {Forms}, without anything else{more}.", cause);
}
