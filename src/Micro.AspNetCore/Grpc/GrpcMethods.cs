using System.Runtime.CompilerServices;
using global::Grpc.Core;

namespace Micro.AspNetCore.Grpc;

/// <summary>Runs the method of a service class as the handler of a call, one for each kind.</summary>
internal static class GrpcMethods
{
    public static async ValueTask<TResponse> UnaryAsync<TResponse>(CallContext call, Func<ServerCallContext, Task<TResponse>> method) =>
        await new GrpcCallContext(call, call.CancellationToken).RunAsync(method);

    public static async ValueTask<TResponse> ClientStreamAsync<TRequest, TResponse>(
        CallContext call, IAsyncEnumerable<TRequest> requests, Func<IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>> method)
    {
        var reader = new GrpcRequestReader<TRequest>(requests, call.CancellationToken);
        try
        {
            return await new GrpcCallContext(call, call.CancellationToken).RunAsync(context => method(reader, context));
        }
        finally
        {
            await reader.CloseAsync();
        }
    }

    public static IAsyncEnumerable<TResponse> ServerStreamAsync<TResponse>(CallContext call, Func<IServerStreamWriter<TResponse>, ServerCallContext, Task> method) =>
        WriteAsync(call, method, CancellationToken.None);

    public static async IAsyncEnumerable<TResponse> DuplexAsync<TRequest, TResponse>(
        CallContext call,
        IAsyncEnumerable<TRequest> requests,
        Func<IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> method,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var reader = new GrpcRequestReader<TRequest>(requests, call.CancellationToken);
        try
        {
            await foreach (var response in WriteAsync<TResponse>(call, (writer, context) => method(reader, writer, context), cancellationToken))
            {
                yield return response;
            }
        }
        finally
        {
            await reader.CloseAsync();
        }
    }

    /// <summary>
    /// From a method that writes to a stream that is read. When the reader leaves early, because a response could not be sent or an interceptor had enough, the
    /// method is told by its token and its next write, and waited for: the services of the call live as long as it does.
    /// </summary>
    private static async IAsyncEnumerable<TResponse> WriteAsync<TResponse>(
        CallContext call, Func<IServerStreamWriter<TResponse>, ServerCallContext, Task> method, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, cancellationToken);
        var writer = new GrpcResponseWriter<TResponse>();
        var running = RunAsync();
        try
        {
            while (await writer.ReadAsync())
            {
                yield return writer.Current!;
                writer.Taken();
            }
        }
        finally
        {
            try
            {
                if (writer.Close())
                {
                    await abandoned.CancelAsync();
                }
            }
            finally
            {
                await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await running;

        async Task RunAsync()
        {
            try
            {
                await new GrpcCallContext(call, abandoned.Token).RunAsync(async context =>
                {
                    await method(writer, context);
                    return true;
                });
            }
            finally
            {
                writer.Complete();
            }
        }
    }
}
