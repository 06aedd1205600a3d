namespace Micro;

/// <summary>
/// What is called: the service that is resolved, the contract and the method that are sent. Immutable and shared by every call of a method.
/// </summary>
public sealed class CallSpec
{
    /// <summary>Creates the specification of one method.</summary>
    /// <param name="service">Name that is registered and resolved, e.g. <c>greeter</c>.</param>
    /// <param name="contract">Wire name of the contract, e.g. <c>greeter.Greeter</c>.</param>
    /// <param name="method">Wire name of the method, case exact, e.g. <c>Hello</c>.</param>
    /// <param name="kind">Shape of the call.</param>
    /// <param name="idempotent">Whether a call that may have executed can be sent again.</param>
    /// <exception cref="ArgumentException">A name is empty, or one on the wire holds a space or a control character.</exception>
    public CallSpec(string service, string contract, string method, CallKind kind, bool idempotent = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        CheckName(contract, nameof(contract));
        CheckName(method, nameof(method));
        Service = service;
        Contract = contract;
        Method = method;
        Kind = kind;
        Idempotent = idempotent;
        FullName = $"{contract}/{method}";
        Path = "/" + FullName;
    }

    /// <summary>Name that is registered and resolved.</summary>
    public string Service { get; }

    /// <summary>Wire name of the contract.</summary>
    public string Contract { get; }

    /// <summary>Wire name of the method.</summary>
    public string Method { get; }

    /// <summary>Shape of the call.</summary>
    public CallKind Kind { get; }

    /// <summary>True when the method was declared safe to execute more than once.</summary>
    public bool Idempotent { get; }

    /// <summary>The one canonical path, <c>/contract/Method</c>, the same over every transport. Any other spelling is refused.</summary>
    public string Path { get; }

    /// <summary>Contract and method as telemetry writes them: the path without its slash.</summary>
    internal string FullName { get; }

    /// <summary>Returns <see cref="Path"/>.</summary>
    public override string ToString() => Path;

    // The path goes out byte for byte: a line break in it would begin a request of its own.
    private static void CheckName(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (name.Any(c => c == ' ' || char.IsControl(c)))
        {
            throw new ArgumentException("A name on the wire holds no spaces and no control characters.", parameter);
        }
    }
}
