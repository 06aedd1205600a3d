using Micro.Transport;

namespace Micro.Rpc;

/// <summary>
/// The connection to one instance, counted by its users so that it closes when the instance has left <em>and</em> the last call on it ended (LB-10, LB-12).
/// </summary>
internal sealed class InstanceConnection(Uri address, IClientConnection connection)
{
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

    public ValueTask ExitAsync() => Interlocked.Decrement(ref _users) == 0 ? Connection.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>The owner's part: no more calls to come.</summary>
    public ValueTask RetireAsync() => Interlocked.Exchange(ref _retired, 1) == 0 ? ExitAsync() : ValueTask.CompletedTask;
}
