using Micro.Rpc;

namespace Micro.Hosting;

/// <summary>An interceptor, in the order it was added, and the sides it is for.</summary>
internal sealed record InterceptorRegistration(Func<IServiceProvider, ICallInterceptor> Create, bool Client, bool Server);
