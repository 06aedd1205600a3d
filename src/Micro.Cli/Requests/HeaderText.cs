namespace Micro.Cli.Requests;

/// <summary>Reads headers as they are typed: <c>name=value</c>.</summary>
internal static class HeaderText
{
    /// <exception cref="ToolException">One is not a header, or not one that callers may set.</exception>
    public static CallHeaders Parse(IEnumerable<string> given)
    {
        var headers = new CallHeaders();
        foreach (var text in given)
        {
            var equals = text.IndexOf('=');
            if (equals <= 0)
            {
                throw ToolException.Usage($"'{text}' is not a header. Write name=value.");
            }

            try
            {
                headers.Add(text[..equals], text[(equals + 1)..]);
            }
            catch (ArgumentException e)
            {
                throw ToolException.Usage(WithoutParameter(e), e);
            }
        }

        return headers;
    }

    private static string WithoutParameter(ArgumentException e) =>
        e.ParamName is null ? e.Message : e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);
}
