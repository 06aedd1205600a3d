using Micro.Transport;

namespace Micro.Rpc;

/// <summary>A unary call over a connection that has only streams.</summary>
internal static class UnaryOverStream
{
    public static readonly CallStatus NoResponse = new(CallStatusCode.Internal, "The server reported success without a response message.");

    public static async ValueTask<UnaryReply> CallAsync(
        IClientConnection connection, OutgoingCall call, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await using var stream = await connection.OpenAsync(call, cancellationToken);
        try
        {
            await stream.WriteAsync(request, cancellationToken);
            await stream.CompleteAsync(CallEnd.Ok, cancellationToken);
        }
        catch (CallException)
        {
            // The call ended while it was being sent: reading says how.
        }

        var message = await stream.ReadAsync(cancellationToken);
        CallMessage? extra = null;
        try
        {
            extra = message is null ? null : await stream.ReadAsync(cancellationToken);
            var headers = call.WantsHeaders ? await stream.HeadersAsync(cancellationToken) : null;
            var end = extra is not null
                ? new CallEnd(new CallStatus(CallStatusCode.Internal, $"{call.Spec} answered with several messages where one was expected."))
                : stream.End ?? throw new InvalidOperationException("A stream that ended has no outcome.");
            if (end.Status.IsOk)
            {
                (var result, message) = (message, null);
                return new UnaryReply(end, result, headers);
            }

            return new UnaryReply(end, null, headers);
        }
        finally
        {
            message?.Dispose();
            extra?.Dispose();
        }
    }
}
