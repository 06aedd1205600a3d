using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Micro.Benchmarks -- --filter '*Pick*' --job short
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
