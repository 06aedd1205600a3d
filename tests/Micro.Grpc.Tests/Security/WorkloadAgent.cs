using System.Buffers.Binary;
using System.Collections.Concurrent;
using global::Grpc.Core;
using global::Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Micro.Grpc.Tests.Security;

/// <summary>An agent that says what the test wants it to. Every stream gets what it says now and what it says later; a status ends the streams.</summary>
internal sealed class WorkloadAgent(TimeProvider clock, string? endpoint = null) : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("micro-agent-");
    private volatile Saying _saying = new(null, null);
    private WebApplication? _app;
    private CancellationTokenSource _killed = new();
    private int _open;
    private int _connections;

    public string SocketPath => Path.Combine(_directory.FullName, "agent.sock");

    public string Endpoint => endpoint ?? $"unix://{SocketPath}";

    /// <summary>When the calls came.</summary>
    public ConcurrentQueue<DateTimeOffset> Calls { get; } = new();

    public int OpenStreams => Volatile.Read(ref _open);

    public int OpenConnections => Volatile.Read(ref _connections);

    public async Task StartAsync()
    {
        _killed = new CancellationTokenSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            void Use(ListenOptions listen)
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => async connection =>
                {
                    Interlocked.Increment(ref _connections);
                    await next(connection);
                    Interlocked.Decrement(ref _connections);
                });
            }

            if (endpoint is null)
            {
                kestrel.ListenUnixSocket(SocketPath, Use);
            }
            else
            {
                kestrel.Listen(System.Net.IPEndPoint.Parse(new Uri(endpoint).Authority), Use);
            }
        });
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    /// <summary>Dies: every connection is cut, the socket is gone. What it said is forgotten.</summary>
    public async Task KillAsync()
    {
        _saying = new Saying(null, null);
        await _killed.CancelAsync();
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    public void Say(X509SVIDResponse message) => Say(message.ToByteArray());

    public void Say(byte[] message) => Become(new Saying(message, null));

    public void Say(StatusCode code, string detail = "no identity issued") => Become(new Saying(null, new Status(code, detail)));

    /// <summary>Accepts calls and gives no answer.</summary>
    public void SayNothing() => Become(new Saying(null, null));

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await KillAsync();
        }

        _directory.Delete(recursive: true);
    }

    private void Become(Saying next)
    {
        var before = _saying;
        _saying = next;
        before.Over.TrySetResult();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Calls.Enqueue(clock.GetUtcNow());
        Interlocked.Increment(ref _open);
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _killed.Token);
            context.Response.ContentType = "application/grpc";
            var status = context.Request.Path != "/SpiffeWorkloadAPI/FetchX509SVID" ? new Status(StatusCode.Unimplemented, "no such method")
                : context.Request.Headers["workload.spiffe.io"] != "true" ? new Status(StatusCode.InvalidArgument, "security header missing from request")
                : await FollowAsync(context.Response, end.Token);
            context.Response.AppendTrailer("grpc-status", ((int)status.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
            context.Response.AppendTrailer("grpc-message", status.Detail);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<Status> FollowAsync(HttpResponse response, CancellationToken end)
    {
        for (var now = _saying; ; now = _saying)
        {
            if (now.End is { } status)
            {
                return status;
            }

            if (now.Message is { } message)
            {
                var frame = new byte[message.Length + 5];
                BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
                message.CopyTo(frame, 5);
                await response.Body.WriteAsync(frame, end);
                await response.Body.FlushAsync(end);
            }

            await now.Over.Task.WaitAsync(end);
        }
    }

    private sealed record Saying(byte[]? Message, Status? End)
    {
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
