using System.Net.Sockets;
using global::Grpc.Core;

namespace Micro.Grpc.Security;

/// <summary>Why a stream of the Workload API is over, and what follows from it.</summary>
/// <param name="Reason">What is wrong and what to do.</param>
/// <param name="IsRefusal">The agent issues no identity to this process.</param>
/// <param name="IsFinal">Asking again will give the same.</param>
internal sealed record WorkloadFailure(string Reason, bool IsRefusal = false, bool IsFinal = false)
{
    /// <summary>Source: SPIFFE_Workload_Endpoint.md, section 6 and appendix A.</summary>
    public static WorkloadFailure Of(RpcException exception, WorkloadEndpoint endpoint) => exception.StatusCode switch
    {
        StatusCode.PermissionDenied => new(
            $"The agent at {endpoint} issues no identity to this process ({exception.Status.Detail}). Register it there (with SPIRE: an entry whose selectors match this process); an agent may take some seconds to learn of that.",
            IsRefusal: true),
        StatusCode.InvalidArgument => new($"What listens at {endpoint} does not take our request ({exception.Status.Detail}). See whether it is a SPIFFE Workload API.", IsFinal: true),
        StatusCode.Unimplemented => new($"What listens at {endpoint} serves no X.509-SVIDs ({exception.Status.Detail}). See whether it is a SPIFFE Workload API with that profile enabled.", IsFinal: true),
        _ when SocketErrorOf(exception) is { } socket => new($"The agent at {endpoint} cannot be reached: {socket.Message}. {Advice(socket.SocketErrorCode)}"),
        _ => new($"The agent at {endpoint} ended the stream with {exception.StatusCode} ({exception.Status.Detail})."),
    };

    private static SocketException? SocketErrorOf(RpcException exception)
    {
        for (var cause = exception.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket;
            }
        }

        return null;
    }

    private static string Advice(SocketError error) => error == SocketError.AccessDenied
        ? "Let the user of this process connect to the socket."
        : "See whether the agent runs, and whether its socket is where Micro:Security:Workload:Endpoint or SPIFFE_ENDPOINT_SOCKET says.";
}
