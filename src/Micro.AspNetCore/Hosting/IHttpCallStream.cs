using Microsoft.AspNetCore.Http;

namespace Micro.AspNetCore.Hosting;

/// <summary>What a call over HTTP of any version can do beside messages.</summary>
internal interface IHttpCallStream
{
    /// <summary>The request the call came as.</summary>
    HttpContext Http { get; }

    /// <summary>Sends the response headers now, where the protocol can send them before it knows the first message or the outcome.</summary>
    /// <exception cref="InvalidOperationException">They were sent.</exception>
    /// <exception cref="CallException">The caller is gone.</exception>
    ValueTask SendHeadersAsync();
}
