using System.Collections.Frozen;
using System.Security.Cryptography;
using global::Grpc.Core;
using Micro.Internal;
using Micro.Security;
using Microsoft.Extensions.Logging;

namespace Micro.Grpc.Security;

/// <summary>
/// Credentials from a SPIFFE Workload API. One stream is kept open for as long as the process runs (SPIFFE_Workload_API.md, section 4.2); each message on it replaces
/// all that came before (4.4), or, when something in it cannot be used, nothing. Readers take one reference; only the loop writes. Thread-safe.
/// </summary>
internal sealed partial class WorkloadCredentialSource : ICredentialSource, IAwaitedCredentials, IAsyncDisposable, IDisposable
{
    public const string Name = "workload";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly WorkloadEndpoint _endpoint;
    private readonly WorkloadApiOptions _options;
    private readonly MicroSecurityOptions _security;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly SecurityTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly Task _run;
    private volatile WorkloadState _state = new(null);
    private bool _toldOfRevocationLists;
    private long _sequence;

    /// <exception cref="CredentialException">Nothing says where the agent is.</exception>
    public WorkloadCredentialSource(
        WorkloadApiOptions options,
        MicroSecurityOptions security,
        TimeProvider time,
        RandomSource random,
        SecurityTelemetry telemetry,
        ILogger<WorkloadCredentialSource> logger)
    {
        (_options, _security, _time, _random, _telemetry, _logger) = (options, security, time, random, telemetry, logger);
        _endpoint = WorkloadEndpoint.Of(options.Endpoint, Environment.GetEnvironmentVariable(WorkloadEndpoint.Variable));
        _run = Task.Run(RunAsync);
    }

    public ValueTask<ServiceCredential> GetAsync(ServiceIdentity identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return _state.Held is { } held && held.TryGetValue(identity, out var entry) && entry.NotAfter > _time.GetUtcNow()
            ? new ValueTask<ServiceCredential>(entry.Credential)
            : new ValueTask<ServiceCredential>(FindAsync(identity, cancellationToken));
    }

    public Task FirstAsync(CancellationToken cancellationToken) => AnsweredAsync(cancellationToken);

    public void Dispose() => _stop.Cancel(); // the loop closes what it opened

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _run;
    }

    private async Task<ServiceCredential> FindAsync(ServiceIdentity identity, CancellationToken cancellationToken)
    {
        var (held, problem) = await AnsweredAsync(cancellationToken);
        if (!held.TryGetValue(identity, out var entry))
        {
            throw new CredentialException(held.Count == 0
                ? $"The agent at {_endpoint} took the identities of this process back, so there is none for '{identity}'. {problem}"
                : $"The agent at {_endpoint} gives this process {string.Join(", ", held.Keys.Select(one => $"'{one}'").Order(StringComparer.Ordinal))}, and '{identity}' is asked for. Register it there, or name the service as it is registered.");
        }

        return entry.NotAfter > _time.GetUtcNow()
            ? entry.Credential
            : throw new CredentialException($"The certificate of '{identity}' expired at {entry.NotAfter.UtcDateTime:u}, and the agent at {_endpoint} sent no newer one. {problem}");
    }

    private async Task<(FrozenDictionary<ServiceIdentity, WorkloadState.Entry> Held, string? Problem)> AnsweredAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(_options.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token, cancellationToken);
        while (true)
        {
            var state = _state;
            if (state.Held is { } held)
            {
                return (held, state.Problem);
            }

            if (state.IsHopeless)
            {
                throw new CredentialException(state.Problem!);
            }

            try
            {
                await state.Next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CredentialException(_stop.IsCancellationRequested
                    ? $"The process stops, and the agent at {_endpoint} gave it no credentials before."
                    : $"No credentials came within {_options.StartTimeout.TotalSeconds:0.#} s. {_state.Problem ?? $"The agent at {_endpoint} said nothing yet."}");
            }
        }
    }

    private async Task RunAsync()
    {
        using var client = new WorkloadClient(_endpoint);
        for (var failures = 0; !_stop.IsCancellationRequested; failures++)
        {
            try
            {
                var (failure, wasAnswered) = await FollowAsync(client);
                failures = wasAnswered ? 0 : failures;
                Break(failure, wasAnswered);
                await Task.Delay(Pause(failure, failures), _time, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The last good credentials expire some day, so nothing ends this loop.
                LogFollowFailed(_endpoint.Text, exception);
                await Task.Delay(LongestPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What is final at start is not when an agent has been there: another one may be put in its place, and a process that gave up had to be restarted.
    private TimeSpan Pause(WorkloadFailure failure, int failures) =>
        _random.Jitter(failure.IsFinal || failures > 6 ? LongestPause : FirstPause * (1 << failures), 0.2);

    /// <summary>Follows one stream to its end.</summary>
    private async Task<(WorkloadFailure Failure, bool WasAnswered)> FollowAsync(WorkloadClient client)
    {
        // Section 4.3 has the first message come without delay. An agent that hangs would keep this stream open for ever.
        using var late = new CancellationTokenSource(_options.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
        var isAnswered = false;
        try
        {
            await foreach (var message in client.FetchAsync(either.Token))
            {
                late.CancelAfter(Timeout.InfiniteTimeSpan);
                isAnswered = true;
                Take(message);
            }

            return (new WorkloadFailure($"The agent at {_endpoint} ended the stream."), isAnswered);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && _stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(_stop.Token);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && late.IsCancellationRequested && !isAnswered)
        {
            return (new WorkloadFailure($"The agent at {_endpoint} accepts calls and says nothing."), isAnswered);
        }
        catch (RpcException exception)
        {
            return (WorkloadFailure.Of(exception, _endpoint), isAnswered);
        }
    }

    private void Take(byte[] message)
    {
        try
        {
            var update = WorkloadUpdate.Read(message);
            var materials = WorkloadMaterial.Read(update, _security, _time);
            Publish(materials);
            if (update.HasRevocationLists && !_toldOfRevocationLists)
            {
                _toldOfRevocationLists = true;
                LogRevocationLists(_endpoint.Text);
            }
        }
        catch (Exception exception)
        {
            var reason = exception switch
            {
                CredentialException => exception.Message,
                InvalidDataException => $"it is no X509SVIDResponse: {exception.Message.TrimEnd('.')}",
                _ => $"it cannot be read ({exception.GetType().Name})", // whatever it is, what is in use stays
            };
            _telemetry.Failed(Name, "leaf");
            LogRejected(_endpoint.Text, reason);
            Become(new WorkloadState(_state.Held, $"What it sent cannot be used: {reason}.", isHopeless: true));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message); // it has the keys in it
        }
    }

    private void Publish(Dictionary<ServiceIdentity, WorkloadMaterial> materials)
    {
        var before = _state.Held ?? FrozenDictionary<ServiceIdentity, WorkloadState.Entry>.Empty;
        var sequence = ++_sequence;
        var held = materials.Values.ToFrozenDictionary(
            one => one.Identity,
            one => before.TryGetValue(one.Identity, out var old) && old.Digest == one.Digest ? old : Enter(one, sequence, old));
        Become(new WorkloadState(held));
        Retire(before, held);
    }

    private WorkloadState.Entry Enter(WorkloadMaterial material, long sequence, WorkloadState.Entry? old)
    {
        var superseded = new CancellationTokenSource();
        var bundle = new TrustBundle(material.Roots, sequence);
        _telemetry.Renewed(Name, material.Leaf.Equals(old?.Credential.Leaf) ? "bundle" : "leaf");
        LogFollowed(material.Identity, _endpoint.Text, material.Leaf.SerialNumber, material.NotAfter, string.Join(", ", bundle.TrustDomains.Order(StringComparer.Ordinal)));
        return new WorkloadState.Entry(
            new ServiceCredential(material.Identity, material.Leaf, material.Intermediates, bundle, superseded.Token), material.NotAfter, material.Digest, superseded);
    }

    private void Break(WorkloadFailure failure, bool wasAnswered)
    {
        var held = _state.Held;

        // Section 5.2.1: refused on a stream that had given identities, they are taken back. Refused on a new stream, the agent may only have begun and not know yet
        // (SPIFFE_Workload_Endpoint.md, section 6); then they are as good as with an agent that is away.
        var isWithdrawn = failure.IsRefusal && wasAnswered && held is not null;
        if (failure.Reason != _state.Problem)
        {
            _telemetry.Failed(Name, "leaf"); // tried again and again, told once
            if (failure.IsRefusal || failure.IsFinal)
            {
                LogRefused(failure.Reason);
            }
            else
            {
                LogBroken(failure.Reason);
            }
        }

        var left = isWithdrawn ? FrozenDictionary<ServiceIdentity, WorkloadState.Entry>.Empty : held;
        Become(new WorkloadState(left, failure.Reason, failure.IsFinal));
        if (isWithdrawn)
        {
            Retire(held!, left!);
        }
    }

    // After the new state is there: whoever is told asks for it at once.
    private void Retire(FrozenDictionary<ServiceIdentity, WorkloadState.Entry> before, FrozenDictionary<ServiceIdentity, WorkloadState.Entry> after)
    {
        foreach (var (identity, old) in before)
        {
            if (!after.TryGetValue(identity, out var current))
            {
                LogWithdrawn(_endpoint.Text, identity);
                old.Supersede();
            }
            else if (!ReferenceEquals(current, old))
            {
                old.Supersede();
            }
        }
    }

    private void Become(WorkloadState next)
    {
        var before = _state;
        _state = next;
        before.Supersede();
    }
}
