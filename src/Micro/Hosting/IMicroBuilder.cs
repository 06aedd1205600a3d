using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Hosting;

/// <summary>What <c>AddMicro(name)</c> returns: the verbs of Micro's packages are extension methods of it.</summary>
public interface IMicroBuilder
{
    /// <summary>Name of the service, as it is registered and as its outgoing calls are identified.</summary>
    string Name { get; }

    /// <summary>Services of the host.</summary>
    IServiceCollection Services { get; }

    /// <summary>Configuration of the host; Micro reads below <c>Micro:</c>.</summary>
    IConfiguration Configuration { get; }
}
