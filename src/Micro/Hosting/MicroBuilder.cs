using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Micro.Hosting;

internal sealed class MicroBuilder(string name, IServiceCollection services, IConfiguration configuration) : IMicroBuilder
{
    public string Name { get; } = name;

    public IServiceCollection Services { get; } = services;

    public IConfiguration Configuration { get; } = configuration;
}
