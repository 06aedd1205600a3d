using CsCheck;
using Micro.Rpc;

namespace Micro.Tests.Rpc;

public sealed class RetryBudgetTests
{
    [Fact]
    public void LB_5_A_full_bucket_allows_four_retries_in_a_row()
    {
        var budget = new RetryBudget(10);
        Assert.Equal([true, true, true, true, false, false], Enumerable.Range(0, 6).Select(_ => budget.TryRetry()));
        Assert.Equal(4, budget.Tokens);
    }

    [Fact]
    public void LB_5_Retries_are_allowed_again_after_ten_successes_for_each_token()
    {
        var budget = new RetryBudget(10);
        for (var i = 0; i < 30; i++)
        {
            budget.TryRetry();
        }

        Assert.Equal(0, budget.Tokens);
        for (var i = 0; i < 60; i++)
        {
            budget.Succeeded();
        }

        // Six tokens: a failure takes one, and half of ten is not more than half.
        Assert.Equal(6, budget.Tokens, 1e-9);
        Assert.False(budget.TryRetry());
        for (var i = 0; i < 11; i++)
        {
            budget.Succeeded();
        }

        Assert.True(budget.TryRetry());
    }

    [Fact]
    public void LB_5_A_backend_that_fails_always_gets_at_most_a_fifth_more_load()
    {
        var budget = new RetryBudget(10);
        Assert.InRange(Load(budget, calls: 1000, attempts: 5, _ => false), 1.0, 1.01);

        // In steady state there is no retry at all.
        Assert.Equal(1.0, Load(budget, calls: 1000, attempts: 5, _ => false));
    }

    [Fact]
    public void LB_5_Failures_in_part_are_retried_in_part_and_a_healthy_backend_gets_its_retries_back()
    {
        var budget = new RetryBudget(10);
        Assert.InRange(Load(budget, 10_000, 5, attempt => attempt % 2 == 0), 1.0, 1.2);
        Assert.Equal(1.0, Load(budget, 200, 5, _ => true));
        Assert.Equal(10, budget.Tokens);

        // One failure in 20 is within the budget: each is retried.
        Assert.InRange(Load(budget, 10_000, 5, attempt => attempt % 20 != 0), 1.05, 1.06);
    }

    [Fact]
    public void LB_5_No_sequence_of_outcomes_gets_more_retries_than_its_successes_paid_for() =>
        Gen.Bool.Array[0, 400].Sample(outcomes =>
        {
            var (budget, retries) = (new RetryBudget(10), 0);
            foreach (var succeeded in outcomes)
            {
                if (succeeded)
                {
                    budget.Succeeded();
                }
                else if (budget.TryRetry())
                {
                    retries++;
                }

                Assert.InRange(budget.Tokens, 0, 10);
            }

            Assert.True(retries <= 5 + (outcomes.Count(succeeded => succeeded) / 10));
        });

    [Fact]
    public void LB_5_Threads_do_not_lose_each_others_tokens()
    {
        var budget = new RetryBudget(10);
        for (var i = 0; i < 10; i++)
        {
            budget.TryRetry();
        }

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            for (var i = 0; i < 20; i++)
            {
                budget.Succeeded();
            }
        });
        Assert.Equal(8, budget.Tokens, 1e-9);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => budget.TryRetry());
        Assert.Equal(4, budget.Tokens, 1e-9);
    }

    /// <summary>Attempts per call, where an attempt's number says whether it succeeds.</summary>
    private static double Load(RetryBudget budget, int calls, int attempts, Func<int, bool> succeeds)
    {
        var sent = 0;
        for (var call = 0; call < calls; call++)
        {
            for (var attempt = 0; attempt < attempts; attempt++)
            {
                if (succeeds(sent++))
                {
                    budget.Succeeded();
                    break;
                }

                if (!budget.TryRetry())
                {
                    break;
                }
            }
        }

        return (double)sent / calls;
    }
}
