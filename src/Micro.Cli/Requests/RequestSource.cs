using System.Runtime.CompilerServices;
using System.Text;
using Micro.Codecs;

namespace Micro.Cli.Requests;

/// <summary>
/// The requests of a call: JSON as it stands in the command line, <c>@file</c>, or <c>-</c> for the standard input. The first two are read and checked before anything
/// else happens; the input is read when it is needed, for streams line by line as it comes.
/// </summary>
internal sealed class RequestSource
{
    private const string InputOrigin = "The standard input";

    private readonly TextReader? _input;
    private readonly List<RawMessage> _documents;
    private readonly string _origin;

    private RequestSource(TextReader? input, List<RawMessage> documents, string origin)
    {
        _input = input;
        _documents = documents;
        _origin = origin;
    }

    /// <exception cref="ToolException">It is not JSON, or the file cannot be read.</exception>
    public static async Task<RequestSource> OpenAsync(string argument, TextReader input, CancellationToken cancellationToken)
    {
        if (argument == "-")
        {
            return new RequestSource(input, [], InputOrigin);
        }

        if (!argument.StartsWith('@'))
        {
            const string Given = "The request";
            return new RequestSource(null, JsonDocuments.Split(Encoding.UTF8.GetBytes(argument), Given), Given);
        }

        var path = argument[1..];
        try
        {
            var origin = $"The file '{path}'";
            return new RequestSource(null, JsonDocuments.Split(await File.ReadAllBytesAsync(path, cancellationToken), origin), origin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw ToolException.Usage($"The file '{path}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The one request of a unary or server-stream call.</summary>
    /// <exception cref="ToolException">There is not exactly one.</exception>
    public async Task<RawMessage> SingleAsync(CancellationToken cancellationToken)
    {
        var documents = _input is null ? _documents : JsonDocuments.Split(Encoding.UTF8.GetBytes(await ReadAsync(_input.ReadToEnd, cancellationToken)), _origin);
        return documents.Count == 1
            ? documents[0]
            : throw ToolException.Usage(documents.Count == 0
                ? $"{_origin} is empty; the method takes one JSON document, for example {{}}."
                : $"{_origin} has {documents.Count} JSON documents; the method takes one.");
    }

    /// <summary>The requests of a client-stream or duplex call.</summary>
    /// <exception cref="ToolException">A line of the standard input is not JSON.</exception>
    public async IAsyncEnumerable<RawMessage> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var document in _documents)
        {
            yield return document;
        }

        for (var line = 1L; _input is not null && await ReadAsync(_input.ReadLine, cancellationToken) is { } text; line++)
        {
            foreach (var document in JsonDocuments.Split(Encoding.UTF8.GetBytes(text), _origin, line))
            {
                yield return document;
            }
        }
    }

    /// <summary>A read of the console cannot be cancelled, so a call that ends leaves it behind on a thread of the pool.</summary>
    private static Task<T> ReadAsync<T>(Func<T> read, CancellationToken cancellationToken) =>
        Task.Run(read, CancellationToken.None).WaitAsync(cancellationToken);
}
