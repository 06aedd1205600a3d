using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Micro.Benchmarks -- --filter '*Pick*' --job short
// dotnet run -c Release --project bench/Micro.Benchmarks -- rules       percentiles of single decisions
if (args is ["rules"])
{
    Micro.Benchmarks.Security.RuleBenchmarks.Percentiles();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
