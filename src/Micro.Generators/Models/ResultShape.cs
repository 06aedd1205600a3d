namespace Micro.Generators.Models;

/// <summary>How a contract method returns.</summary>
internal enum ResultShape
{
    /// <summary><c>Task&lt;T&gt;</c>.</summary>
    TaskOf,

    /// <summary><c>ValueTask&lt;T&gt;</c>.</summary>
    ValueTaskOf,

    /// <summary><c>Task</c>.</summary>
    Task,

    /// <summary><c>ValueTask</c>.</summary>
    ValueTask,

    /// <summary><c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    Stream,
}
