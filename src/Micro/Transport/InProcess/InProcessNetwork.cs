using System.Collections.Concurrent;

namespace Micro.Transport.InProcess;

/// <summary>
/// The listeners of this process by name. One table for the process, because an address such as <c>inproc://greeter-1f3a</c> means the same to every host in it.
/// </summary>
internal static class InProcessNetwork
{
    private static readonly ConcurrentDictionary<string, ICallAcceptor> Acceptors = new(StringComparer.OrdinalIgnoreCase);

    public static ICallAcceptor? Find(string name) => Acceptors.GetValueOrDefault(name);

    public static bool TryAdd(string name, ICallAcceptor acceptor) => Acceptors.TryAdd(name, acceptor);

    public static void Remove(string name) => Acceptors.TryRemove(name, out _);
}
