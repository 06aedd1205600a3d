using Micro.Transport;
using Microsoft.Extensions.Logging;

namespace Micro.Rpc;

/// <summary>
/// The connection to one instance, counted by its users so that it closes when the instance has left <em>and</em> the last call on it ended (LB-10, LB-12).
/// </summary>
internal sealed partial class InstanceConnection(Uri address, IClientConnection connection, ILogger logger)
{
    private readonly ILogger _logger = logger;

    // One for the owner, one for each call. Zero is final.
    private int _users = 1;
    private int _retired;

    public Uri Address { get; } = address;

    public IClientConnection Connection { get; } = connection;

    public IUnaryConnection? Unary { get; } = connection as IUnaryConnection;

    /// <summary>False when it is closed already: pick again.</summary>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>A call ended. It does not wait for the connection to close where it was the last, nor does it fail by that.</summary>
    public void Exit() => _ = LeaveAsync();

    /// <summary>The owner's part: no more calls to come. Completes when the connection is closed, or left to the calls on it. Does not throw.</summary>
    public Task RetireAsync() => Interlocked.Exchange(ref _retired, 1) == 0 ? LeaveAsync() : Task.CompletedTask;

    private Task LeaveAsync() => Interlocked.Decrement(ref _users) == 0 ? CloseAsync() : Task.CompletedTask;

    private async Task CloseAsync()
    {
        try
        {
            await Connection.DisposeAsync();
        }
        catch (Exception e)
        {
            CloseFailed(Address, e);
        }
    }

    [LoggerMessage(1200, LogLevel.Warning, "Closing the connection to {Address}, an instance that left, failed.")]
    private partial void CloseFailed(Uri address, Exception exception);
}
