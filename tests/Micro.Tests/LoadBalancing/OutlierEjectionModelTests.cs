using CsCheck;
using Micro.LoadBalancing;

namespace Micro.Tests.LoadBalancing;

public sealed class OutlierEjectionModelTests
{
    private static readonly string[] Ids = ["a", "b", "c", "d", "e", "f"];

    // Eighths of a second are exact as doubles, so that model and set agree on every moment.
    private static readonly Gen<double> Seconds = Gen.Int[0, 12 * 8].Select(eighths => eighths / 8.0);
    private static readonly Gen<string> Id = Gen.Int[0, 5].Select(i => Ids[i]);
    private static readonly Gen<InstanceOutcome> Outcome = Gen.Frequency(
        (3, Gen.Const(InstanceOutcome.Success)), (4, Gen.Const(InstanceOutcome.Failure)), (3, Gen.Const(InstanceOutcome.Unreachable)), (1, Gen.Const(InstanceOutcome.Nothing)));

    [Fact]
    public void LB_8_Any_sequence_of_calls_times_and_lists_leaves_the_candidates_the_model_has()
    {
        Gen.Const(0).Select(_ => (new InstanceSetRig(options: new() { Jitter = 0 }), new EjectionModel([]))).SampleModelBased(
            [
                Operation(
                    Gen.Select(Id, Outcome, Gen.Int[1, 6]),
                    (rig, report) => Known(rig, report.Item1, id => rig.Report(id, report.Item2, report.Item3)),
                    (model, report) => model.Report(report.Item1, report.Item2, report.Item3)),
                Operation(Id, (rig, id) => Known(rig, id, known => rig.Set.Begin(rig[known])), (model, id) => model.Begin(id)),
                Operation(Seconds, (rig, seconds) => rig.Pass(seconds), (model, seconds) => model.Pass(seconds)),
                Operation(Gen.Int[0, 63], (rig, mask) => rig.Update(Members(mask)), (model, mask) => model.Update(Members(mask))),
            ],
            equal: (rig, model) => rig.Seen.SequenceEqual(model.Seen),
            printActual: rig => string.Join(" | ", rig.Seen),
            printModel: model => string.Join(" | ", model.Seen),
            iter: 4000);
    }

    /// <summary>Does the same to both, notes the candidates both have then, and looks whether the model keeps the limits.</summary>
    private static GenOperation<InstanceSetRig, EjectionModel> Operation<T>(Gen<T> argument, Action<InstanceSetRig, T> rigDoes, Action<EjectionModel, T> modelDoes) =>
        argument.Operation<InstanceSetRig, EjectionModel>(
            (rig, value) =>
            {
                rigDoes(rig, value);
                rig.Seen.Add(rig.Candidates);
            },
            (model, value) =>
            {
                modelDoes(model, value);
                Assert.True(model.Count == 0 || (model.Serving >= 1 && model.OutByFailure * 2 <= model.Count));
                model.Seen.Add(model.Candidates);
            });

    private static string[] Members(int mask) => [.. Ids.Where((_, i) => (mask & (1 << i)) != 0)];

    private static void Known(InstanceSetRig rig, string id, Action<string> action)
    {
        if (InstanceSetRig.Ids(rig.Set.All).Split(' ').Contains(id))
        {
            action(id);
        }
    }
}
