namespace Micro.Rpc;

/// <summary>
/// Keeps retries from multiplying the load on a service that is failing already (LB-5): a bucket of tokens that every failed attempt takes one from and every
/// success puts a tenth back; retries are allowed while it is more than half full. One for each service that is called. Thread-safe without locks.
/// Source: gRFC A6, retry throttling, with tokenRatio 0.1. The ratio alone bounds the load in steady state; the size says how many calls may fail at once, as all
/// that are in flight to an instance do when it dies, and be sent elsewhere.
/// </summary>
/// <param name="size">maxTokens: 1 to 1000, the largest that A6 allows.</param>
internal sealed class RetryBudget(int size)
{
    /// <summary>Half of it is for the calls in flight to a dying instance: 500 of them.</summary>
    public const int DefaultSize = 1000;

    private const int Token = 1000;
    private const int PerSuccess = Token / 10;

    private readonly int _full = size * Token;
    private int _tokens = size * Token;

    /// <summary>Tokens left, 0 to the size.</summary>
    public double Tokens => (double)Volatile.Read(ref _tokens) / Token;

    /// <summary>An attempt succeeded. One volatile read while the bucket is full.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _tokens) < _full)
        {
            Add(PerSuccess);
        }
    }

    /// <summary>An attempt failed so that it could be sent again; whether it may. Called for each such attempt, also the last one of a call.</summary>
    public bool TryRetry() => Add(-Token) > _full / 2;

    private int Add(int change)
    {
        var tokens = Volatile.Read(ref _tokens);
        while (true)
        {
            var next = Math.Clamp(tokens + change, 0, _full);
            var seen = Interlocked.CompareExchange(ref _tokens, next, tokens);
            if (seen == tokens)
            {
                return next;
            }

            tokens = seen;
        }
    }
}
