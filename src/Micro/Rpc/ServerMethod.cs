namespace Micro.Rpc;

internal abstract class ServerMethod;

internal sealed class ServerMethodFactory
{
    public ServerMethod Create<TRequest, TResponse>(CallMethod<TRequest, TResponse> method) => throw new NotSupportedException();
}
