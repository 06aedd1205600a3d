namespace Shop.Attachment;

/// <summary>How the number of calls served looks in the output of a process.</summary>
public static class CallReportLine
{
    /// <summary>What such a line begins with; the number follows.</summary>
    public const string Prefix = "@calls ";
}
