using System.Collections.Concurrent;

namespace Micro.Transport.InProcess;

/// <summary>
/// The listeners of this process by name. One table for the process, because an address such as <c>inproc://greeter-1f3a</c> means the same to every host in it.
/// </summary>
internal static class InProcessNetwork
{
    private static readonly ConcurrentDictionary<string, InProcessEndpoint> Endpoints = new(StringComparer.OrdinalIgnoreCase);

    public static InProcessEndpoint? Find(string name) => Endpoints.GetValueOrDefault(name);

    public static bool TryAdd(string name, InProcessEndpoint endpoint) => Endpoints.TryAdd(name, endpoint);

    public static void Remove(string name) => Endpoints.TryRemove(name, out _);
}
