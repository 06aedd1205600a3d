namespace Micro.Rpc;

/// <summary>
/// Keeps retries from multiplying the load on a service that is failing already (LB-5): a bucket of tokens that every failed attempt takes one from and every
/// success puts a tenth back; retries are allowed while it is more than half full. One for each service that is called. Thread-safe without locks.
/// Source: gRFC A6, retry throttling, with maxTokens 100 and tokenRatio 0.1: when an instance dies, up to 49 calls that were on it at that moment are sent again.
/// </summary>
internal sealed class RetryBudget
{
    private const int Token = 1000;
    private const int Full = 100 * Token;
    private const int PerSuccess = Token / 10;

    private int _tokens = Full;

    /// <summary>Tokens left, 0 to 100.</summary>
    public double Tokens => (double)Volatile.Read(ref _tokens) / Token;

    /// <summary>An attempt succeeded. One volatile read while the bucket is full.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _tokens) < Full)
        {
            Add(PerSuccess);
        }
    }

    /// <summary>An attempt failed so that it could be sent again; whether it may. Called for each such attempt, also the last one of a call.</summary>
    public bool TryRetry() => Add(-Token) > Full / 2;

    private int Add(int change)
    {
        var tokens = Volatile.Read(ref _tokens);
        while (true)
        {
            var next = Math.Clamp(tokens + change, 0, Full);
            var seen = Interlocked.CompareExchange(ref _tokens, next, tokens);
            if (seen == tokens)
            {
                return next;
            }

            tokens = seen;
        }
    }
}
