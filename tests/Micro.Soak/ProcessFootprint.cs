using System.Globalization;

namespace Micro.Soak;

/// <summary>What a process takes of the machine, by /proc.</summary>
/// <param name="Memory">Resident memory that belongs to no file, KiB.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Descriptors">Open file descriptors, sockets included.</param>
/// <param name="Sockets">Open sockets.</param>
internal sealed record ProcessFootprint(long Memory, long Threads, long Descriptors, long Sockets)
{
    public static ProcessFootprint Of(int process)
    {
        var status = File.ReadLines($"/proc/{process}/status").Select(line => line.Split(':')).ToDictionary(line => line[0], line => line[1].Trim());
        var targets = Directory.GetFileSystemEntries($"/proc/{process}/fd").Select(TargetOf).ToArray();
        return new(Number(status["RssAnon"]), Number(status["Threads"]), targets.Length, targets.Count(target => target.StartsWith("socket:", StringComparison.Ordinal)));
    }

    private static long Number(string text) => long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string TargetOf(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return ""; // closed meanwhile
        }
    }
}
