using System.Collections.Frozen;
using Micro.Codecs;
using Micro.Transport;

namespace Micro.Testing.Transport;

/// <summary>
/// Stands in for the server pipeline: four probe methods, one of each kind, that run what a test provides. Keeps the promises of
/// <see cref="ICallAcceptor"/>: writes an outcome for whatever the script does. Thread-safe once the scripts are set.
/// </summary>
public sealed class ScriptedAcceptor : ICallAcceptor
{
    /// <summary>A probe with one message each way.</summary>
    public static readonly CallSpec Unary = new("conformance", "conformance.Probe", "Unary", CallKind.Unary);

    /// <summary>A probe with one request and a stream of responses.</summary>
    public static readonly CallSpec ServerStream = new("conformance", "conformance.Probe", "ServerStream", CallKind.ServerStream);

    /// <summary>A probe with a stream of requests and one response.</summary>
    public static readonly CallSpec ClientStream = new("conformance", "conformance.Probe", "ClientStream", CallKind.ClientStream);

    /// <summary>A probe with a stream each way.</summary>
    public static readonly CallSpec Duplex = new("conformance", "conformance.Probe", "Duplex", CallKind.Duplex);

    private static readonly string[] Types = [ContentTypes.Json, ContentTypes.Protobuf, ContentTypes.Bytes];

    private static readonly FrozenDictionary<string, CallRoute> Table =
        new[] { Unary, ServerStream, ClientStream, Duplex }.ToFrozenDictionary(spec => spec.Path, spec => new CallRoute(spec, Types));

    private readonly Func<IncomingCall, ValueTask<CallEnd>>?[] _scripts = new Func<IncomingCall, ValueTask<CallEnd>>?[4];
    private int _accepted;
    private int _running;

    /// <summary>Set to make <see cref="AcceptAsync"/> break its promise and throw this.</summary>
    public Exception? Broken { get; set; }

    /// <summary>Calls taken so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Calls whose script has not ended.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <inheritdoc/>
    public IReadOnlyCollection<CallRoute> Routes => Table.Values;

    /// <summary>Sets what a probe method does. What the script returns is the outcome; what it throws becomes one.</summary>
    public ScriptedAcceptor On(CallSpec spec, Func<IncomingCall, ValueTask<CallEnd>> script)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _scripts[(int)spec.Kind] = script;
        return this;
    }

    /// <inheritdoc/>
    public CallRoute? Find(string path) => Table.GetValueOrDefault(path);

    /// <inheritdoc/>
    public async ValueTask AcceptAsync(IncomingCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (call.Refusal is { } refusal)
        {
            await call.Stream.CompleteAsync(new CallEnd(refusal), CancellationToken.None);
            return;
        }

        Interlocked.Increment(ref _accepted);
        if (Broken is { } broken)
        {
            throw broken;
        }

        Interlocked.Increment(ref _running);
        try
        {
            if (Find(call.Path) is not null)
            {
                await call.Stream.HeadersAsync(CancellationToken.None);
            }

            var end = await RunAsync(call);
            await call.Stream.CompleteAsync(end, CancellationToken.None);
        }
        catch (CallException) when (call.Aborted.IsCancellationRequested)
        {
            // Nobody is left to be told the outcome.
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async ValueTask<CallEnd> RunAsync(IncomingCall call)
    {
        var script = Find(call.Path) is { } route ? _scripts[(int)route.Spec.Kind] : null;
        if (script is null)
        {
            return new(new CallStatus(CallStatusCode.Unimplemented, $"Nothing serves {call.Path}.", notProcessed: true));
        }

        try
        {
            return await script(call);
        }
        catch (CallException e)
        {
            return new(e.Status);
        }
        catch (OperationCanceledException) when (call.Aborted.IsCancellationRequested)
        {
            return new(new CallStatus(CallStatusCode.Cancelled, "The caller went away."));
        }
        catch (Exception)
        {
            return new(new CallStatus(CallStatusCode.Internal, "The probe failed."));
        }
    }
}
