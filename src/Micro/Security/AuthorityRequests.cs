using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Micro.Security;

/// <summary>
/// Requests to the authority by the http protocol (docs/http.md), each over a connection of its own: they are few, and so each is made with the newest certificate and
/// against the newest bundle. Not the process's own calls, which need a credential before they can be made. Thread-safe.
/// </summary>
internal sealed class AuthorityRequests(ServiceIdentity authority, TimeProvider time)
{
    /// <summary>Name of the authority's service.</summary>
    public const string Service = "micro-authority";

    /// <summary>Wire name of its contract.</summary>
    public const string Contract = "micro.Authority";

    /// <summary>How long a request may take besides what it asks the authority to wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MaxReplyBytes = 1 << 20;

    public ServiceIdentity Authority { get; } = authority;

    /// <summary>Asks the addresses in order, until one answers.</summary>
    /// <param name="addresses">Where the authority listens.</param>
    /// <param name="method">Name of the method.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="reply">What is expected.</param>
    /// <param name="secure">Makes a connected stream a secure one; what it throws was not sent to that address.</param>
    /// <param name="patience">How long one address may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CredentialException">None answers, or the authority refuses; the message says why.</exception>
    public async Task<TReply> PostAsync<TReply>(
        IReadOnlyList<Uri> addresses, string method, JsonContentOf request, JsonTypeInfo<TReply> reply, Secure secure, TimeSpan? patience, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            using var late = new CancellationTokenSource(patience ?? Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
            try
            {
                return await PostAsync(address, method, request.Bytes, reply, secure, either.Token);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException or AuthenticationException or TimeoutException)
            {
                last = new CredentialException($"The authority at {address} cannot be asked: {Reason(e)}", e);
            }
            catch (OperationCanceledException e) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                last = new CredentialException($"The authority at {address} did not answer in time.", e);
            }
        }

        throw last ?? new CredentialException("There is no address of the authority; see Micro:Security:Authority:Address.");
    }

    // What failed inside of the handler is wrapped by it, and its own text says less.
    private static string Reason(Exception failure) =>
        (failure is HttpRequestException { InnerException: { } inner } ? inner : failure).GetBaseException().Message.TrimEnd('.') + ".";

    private async Task<TReply> PostAsync<TReply>(
        Uri address, string method, ReadOnlyMemory<byte> body, JsonTypeInfo<TReply> reply, Secure secure, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(Handler(address, secure), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxReplyBytes };

        // Plaintext to the handler's eyes: the stream it is given is secure already.
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{MutualTls.HostOf(Authority)}/{Contract}/{method}") { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.SendAsync(request, cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway)
        {
            throw new HttpRequestException(RefusalOf(bytes, response.StatusCode));
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new CredentialException($"The authority at {address} refuses: {RefusalOf(bytes, response.StatusCode)}");
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, reply) ?? throw new JsonException("It is null.");
        }
        catch (JsonException e)
        {
            throw new CredentialException($"The answer of the authority at {address} cannot be understood.", e);
        }
    }

    private static SocketsHttpHandler Handler(Uri address, Secure secure) => new()
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address.Host.Trim('[', ']'), address.Port, cancellationToken);
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            return await secure(new NetworkStream(socket, ownsSocket: true), cancellationToken);
        },
    };

    /// <summary>The detail of a problem (RFC 9457), in printable characters: it goes into logs.</summary>
    private static string RefusalOf(byte[] body, HttpStatusCode status)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (JsonElement.ParseValue(ref reader) is { ValueKind: JsonValueKind.Object } problem
                && problem.TryGetProperty("detail", out var detail) && detail.ValueKind == JsonValueKind.String)
            {
                return string.Concat(detail.GetString()!.Take(500).Select(c => char.IsControl(c) ? ' ' : c));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No problem of ours; the number has to do.
        }

        return $"HTTP status {(int)status}.";
    }

    /// <summary>Makes a connected stream a secure one, and disposes it when that fails.</summary>
    internal delegate ValueTask<Stream> Secure(Stream stream, CancellationToken cancellationToken);

    /// <summary>An encoded request.</summary>
    internal readonly record struct JsonContentOf(ReadOnlyMemory<byte> Bytes)
    {
        public static JsonContentOf Of<T>(T request, JsonTypeInfo<T> type) => new(JsonSerializer.SerializeToUtf8Bytes(request, type));

        public override string ToString() => $"{Bytes.Length} bytes";
    }
}
