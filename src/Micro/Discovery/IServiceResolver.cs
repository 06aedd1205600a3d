namespace Micro.Discovery;

/// <summary>Where instances are found. Thread-safe.</summary>
public interface IServiceResolver
{
    /// <summary>What is asked, for errors and logs: provider and place without credentials, e.g. <c>sqlite (/home/a/.local/state/micro/live.db)</c>.</summary>
    string Source { get; }

    /// <summary>
    /// Yields the current snapshot at once (an empty one when there are no instances), then a whole new one after every change, in order; a slow
    /// reader skips to the newest. Ends only by the token. A failed look-up throws, which is different from an empty answer.
    /// </summary>
    /// <exception cref="RegistryUnavailableException">The registry cannot be reached or read; the message names it. The caller keeps its last snapshot and watches again.</exception>
    IAsyncEnumerable<ServiceSnapshot> WatchAsync(string service, CancellationToken cancellationToken);
}
