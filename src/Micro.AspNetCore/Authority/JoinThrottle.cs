namespace Micro.AspNetCore.Authority;

/// <summary>
/// Counts failed joins of each address within a minute. Tokens cannot be guessed; this bounds the work and the log that somebody who tries can make. What is
/// remembered is bounded too. Thread-safe.
/// </summary>
internal sealed class JoinThrottle(int limit, TimeProvider time)
{
    private const int MaxAddresses = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private long _begun = time.GetTimestamp();

    public bool IsExhausted(string? remote)
    {
        lock (_gate)
        {
            Forget();
            return _failures.GetValueOrDefault(HostOf(remote)) >= limit;
        }
    }

    public void Failed(string? remote)
    {
        lock (_gate)
        {
            Forget();
            if (_failures.Count >= MaxAddresses)
            {
                _failures.Clear();
            }

            var host = HostOf(remote);
            _failures[host] = _failures.GetValueOrDefault(host) + 1;
        }
    }

    // The port is another one each time.
    private static string HostOf(string? remote) => remote?.LastIndexOf(':') is > 0 and var colon ? remote[..colon] : remote ?? "";

    private void Forget()
    {
        if (time.GetElapsedTime(_begun) >= Window)
        {
            _failures.Clear();
            _begun = time.GetTimestamp();
        }
    }
}
