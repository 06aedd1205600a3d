using Microsoft.Extensions.Logging;

namespace Micro.Tokens.Keys;

/// <summary>
/// Keys at an https address of the configuration: fetched in the background, at a fixed interval and never because of a token. While none was fetched yet, the
/// issuer's tokens are refused; a fetch that fails leaves the keys as they are.
/// </summary>
internal sealed partial class RemoteKeySource(Uri address, TimeSpan interval, HttpMessageInvoker client, TimeProvider clock, ILogger logger) : KeySource
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;
    private volatile KeySet _keys = KeySet.Empty;

    public override KeySet Current => _keys;

    /// <summary>Fetches until cancelled; sooner again, with doubling pauses, as long as there is nothing yet.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            await FetchAsync(cancellationToken);
            pause = _keys.Count > 0 ? interval : pause;
            try
            {
                await Task.Delay(pause, clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < interval ? pause * 2 : interval;
        }
    }

    /// <summary>One fetch; what goes wrong is logged.</summary>
    internal async Task FetchAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            using var response = await client.SendAsync(request, stop.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new FormatException($"The answer is {(int)response.StatusCode}.");
            }

            _keys = JsonWebKeys.Parse(await ReadAsync(response.Content, stop.Token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException or OperationCanceledException)
        {
            KeySetNotFetched(address, e);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var json = new byte[JsonWebKeys.MaxLength + 1];
        var length = await stream.ReadAtLeastAsync(json, json.Length, throwOnEndOfStream: false, cancellationToken);
        return length > JsonWebKeys.MaxLength ? throw new FormatException($"The JSON Web Key Set has more than {JsonWebKeys.MaxLength} bytes.") : json.AsMemory(0, length);
    }

    [LoggerMessage(1703, LogLevel.Error, "The JSON Web Key Set at {Address} cannot be fetched; the keys known before stay in use.")]
    private partial void KeySetNotFetched(Uri address, Exception exception);
}
