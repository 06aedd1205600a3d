using System.Runtime.CompilerServices;

namespace Samples.Chatting;

/// <summary>The lines to say, from the standard input: typed, or prepared. <c>/who</c>, <c>/expect TEXT</c> and <c>/quit</c> are not said but done.</summary>
internal sealed class Script(IChat chat, Transcript heard, string name, string room)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Whether something that was expected was not heard.</summary>
    public bool Failed { get; private set; }

    public async IAsyncEnumerable<Said> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new Said(name, "", room);
        while (!Failed && await ReadAsync(cancellationToken) is { } line and not "/quit")
        {
            if (line == "/who")
            {
                var people = await chat.PeopleAsync(new RoomQuery(room), cancellationToken);
                Console.WriteLine($"* here: {string.Join(", ", people.Names)}");
            }
            else if (line.StartsWith("/expect ", StringComparison.Ordinal))
            {
                await ExpectAsync(line["/expect ".Length..], cancellationToken);
            }
            else if (line.Length > 0)
            {
                yield return new Said(name, line, room);
            }
        }
    }

    /// <summary>A read of the console cannot be cancelled, so it is left behind when the room closes first.</summary>
    private static Task<string?> ReadAsync(CancellationToken cancellationToken) => Task.Run(Console.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);

    private async Task ExpectAsync(string text, CancellationToken cancellationToken)
    {
        if (!await heard.WaitForAsync(text, Patience, cancellationToken))
        {
            await Console.Error.WriteLineAsync($"'{text}' was not heard within {Patience.TotalSeconds:0} s.");
            Failed = true;
        }
    }
}
