using System.Globalization;
using Micro.Generators.Tests.Support;
using Micro.Rpc;

namespace Micro.Generators.Tests;

/// <summary>Route keys, read by the generated lambda from a real request.</summary>
public sealed class RouteKeyTests
{
    [Fact]
    public void A_string_property_is_the_key_and_null_stays_null()
    {
        var key = KeyOf("Ask ask", "public sealed record Ask { [RouteKey] public string? Id { get; set; } }");

        Assert.Null(key(null));
        Assert.Equal("o-1", key("o-1"));
    }

    [Fact]
    public void A_record_parameter_marks_its_property()
    {
        var key = KeyOf("Ask ask", "public sealed record Ask([RouteKey] string Id);");

        Assert.Equal("o-1", key("o-1"));
    }

    [Fact]
    public void A_property_target_on_a_record_parameter_marks_it_once()
    {
        var key = KeyOf("Ask ask", "public record Base([property: RouteKey] string Id); public sealed record Ask(string Id) : Base(Id);");

        Assert.Equal("o-1", key("o-1"));
    }

    [Fact]
    public void A_string_parameter_is_the_key() => Assert.Equal("o-1", Parameter<string>("[RouteKey] string id")("o-1"));

    [Fact]
    public void Numbers_are_the_same_text_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        CultureInfo.CurrentCulture.NumberFormat.NegativeSign = "minus";
        CultureInfo.CurrentCulture.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            Assert.Equal("-1.5", Parameter<double>("[RouteKey] double id")(-1.5));
            Assert.Equal("-7", Parameter<long>("[RouteKey] long id")(-7));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Nullable_values_enums_and_identifiers_have_a_text()
    {
        var id = new Guid("00000000-0000-0000-0000-000000000001");
        Assert.Equal(id.ToString(), Parameter<Guid?>("[RouteKey] Guid? id")(id));
        Assert.Null(Parameter<Guid?>("[RouteKey] Guid? id")(null));
        Assert.Equal("Friday", Parameter<DayOfWeek>("[RouteKey] DayOfWeek id")(DayOfWeek.Friday));
        Assert.Equal("True", Parameter<bool>("[RouteKey] bool id")(true));
        var typed = KeyOf("Ask ask", "public readonly record struct OrderId(string Value) { public override string ToString() => Value; } public sealed record Ask(string Id) { [RouteKey, JsonIgnore] public OrderId Order => new(Id); }");
        Assert.Equal("o-1", typed("o-1"));
    }

    [Fact]
    public void A_missing_request_has_no_key()
    {
        var contract = Generated.Clean("[MicroService(\"c\"), Allow(Callers.Anyone)] public interface IContract { Task PutAsync(Ask? ask); } public sealed record Ask([RouteKey] int Id);").Load();

        var key = (Delegate)contract.Methods[0].GetType().GetProperty("RouteKey")!.GetValue(contract.Methods[0])!;
        Assert.Null(key.DynamicInvoke([null]));
    }

    private static Func<T, string?> Parameter<T>(string parameter)
    {
        var contract = Generated.Clean($"[MicroService(\"c\"), Allow(Callers.Anyone)] public interface IContract {{ Task PutAsync({parameter}); }}").Load();
        return Assert.IsType<CallMethod<T, NoMessage>>(contract.Methods[0]).RouteKey!;
    }

    /// <summary>The key of an <c>Ask</c> made from its Id.</summary>
    private static Func<string?, string?> KeyOf(string parameter, string types)
    {
        var contract = Generated.Clean($"[MicroService(\"c\"), Allow(Callers.Anyone)] public interface IContract {{ IAsyncEnumerable<string> PutAsync({parameter}); }} {types}").Load();
        var method = contract.Methods[0];
        var key = (Delegate)method.GetType().GetProperty("RouteKey")!.GetValue(method)!;
        var type = method.GetType().GetGenericArguments()[0];
        return id =>
        {
            var request = type.GetConstructors().FirstOrDefault(one => one.GetParameters() is [var only] && only.ParameterType == typeof(string))?.Invoke([id])
                ?? Activator.CreateInstance(type)!;
            if (type.GetProperty("Id")!.SetMethod is { } set)
            {
                set.Invoke(request, [id]);
            }

            return (string?)key.DynamicInvoke([request]);
        };
    }
}
