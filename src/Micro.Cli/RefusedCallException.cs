namespace Micro.Cli;

/// <summary>A call that was refused for who called, with what the tool knows to do about it.</summary>
internal sealed class RefusedCallException(CallException call, string hint) : Exception(call.Message, call)
{
    public CallException Call => call;

    public string Hint => hint;
}
