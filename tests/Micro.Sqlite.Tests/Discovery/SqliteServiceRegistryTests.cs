using Micro.Testing.Discovery;

namespace Micro.Sqlite.Tests.Discovery;

public sealed class SqliteServiceRegistryTests : ServiceRegistryConformance
{
    protected override ValueTask<RegistryRig> StartAsync() => new(new SqliteRegistryRig());
}
