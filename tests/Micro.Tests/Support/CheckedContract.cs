using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Micro.Security;

namespace Micro.Tests.Support;

public sealed record CheckedRequest(int Count, string Name) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Count < 0)
        {
            yield return new ValidationResult("Count is below zero");
        }

        if (Name.Length == 0)
        {
            yield return new ValidationResult("Name is empty");
        }
    }
}

[JsonSerializable(typeof(CheckedRequest))]
public sealed partial class CheckedJson : JsonSerializerContext;

/// <summary>A contract with a request that knows when it is valid.</summary>
[MicroService("checked", Json = typeof(CheckedJson))]
[Allow(Callers.TrustDomain)]
public interface IChecked
{
    Task TakeAsync(CheckedRequest request, CancellationToken cancellationToken = default);
}

public sealed class Checked : IChecked
{
    public required Action Handled { get; init; }

    public Task TakeAsync(CheckedRequest request, CancellationToken cancellationToken = default)
    {
        Handled();
        return Task.CompletedTask;
    }
}
