namespace Micro.Generators.Models;

/// <summary>One rule about a method, as the attributes say it.</summary>
/// <param name="Allows">Allow, or deny.</param>
/// <param name="Caller">The calling service as rules write it.</param>
/// <param name="Scope">What the caller has to have.</param>
internal sealed record RuleModel(bool Allows, string Caller, string Scope);
