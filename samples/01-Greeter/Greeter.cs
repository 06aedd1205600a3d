using System.Runtime.CompilerServices;

namespace Samples.Greeting;

/// <summary>Handles the calls. One object is made for each call.</summary>
public sealed class Greeter(TimeProvider clock) : IGreeter
{
    public Task<HelloReply> HelloAsync(HelloRequest request, CancellationToken cancellationToken = default) => Task.FromResult(new HelloReply(request.Language switch
    {
        "en" => $"Hello, {request.Name}!",
        "de" => $"Hallo, {request.Name}!",
        "fr" => $"Bonjour, {request.Name} !",
        _ => throw new CallException(CallStatusCode.InvalidArgument, $"No '{request.Language}' is spoken here; try en, de or fr."),
    }));

    public async IAsyncEnumerable<Tick> CountdownAsync(CountdownRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var left = request.From; left >= 0; left--)
        {
            yield return new Tick(left);
            await Task.Delay(TimeSpan.FromMilliseconds(300), clock, cancellationToken);
        }
    }

    public async Task<GuestList> WelcomeAsync(IAsyncEnumerable<Guest> guests, CancellationToken cancellationToken = default)
    {
        var list = new GuestList(0, "");
        await foreach (var guest in guests.WithCancellation(cancellationToken))
        {
            list = new GuestList(list.Count + 1, guest.Name.Length > list.Longest.Length ? guest.Name : list.Longest);
        }

        return list;
    }

    public async IAsyncEnumerable<Line> TalkAsync(IAsyncEnumerable<Line> lines, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            yield return new Line($"You said \"{line.Text}\".");
        }
    }
}
