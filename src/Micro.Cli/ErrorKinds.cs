namespace Micro.Cli;

/// <summary>Values of <c>error</c> in the JSON the tool writes when it fails.</summary>
internal static class ErrorKinds
{
    public const string Call = "call";
    public const string Usage = "usage";
    public const string Discovery = "discovery";
    public const string Identity = "identity";
    public const string NotDone = "notDone";
    public const string Cancelled = "cancelled";
    public const string Internal = "internal";
}
