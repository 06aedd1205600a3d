namespace Micro.Generators.Models;

/// <summary>What reading one contract gave.</summary>
/// <param name="Contract">The model; null when an error keeps the contract from being generated.</param>
/// <param name="Name">The name it claims.</param>
/// <param name="Findings">What is wrong with it.</param>
/// <param name="NeedsJson">What is wrong when the project is to run without reflection; null when nothing is.</param>
internal sealed record ContractResult(ContractModel? Contract, ContractName Name, EquatableArray<Finding> Findings, Finding? NeedsJson);
