-- Why was a version promoted or refused, in words?
-- sentence: the rule and what was measured, in words

SELECT
    decided_at,
    model_name,
    candidate_version,
    champion_version,
    rule,
    passed,
    concat(
        'version ', candidate_version, if(passed, ' passes: ', ' fails: '),
        CASE rule
            WHEN 'gain_over_mean_price'
                THEN printf(
                    'its error is at least %.1f %% below that of the mean price (needed: %.1f %%)', 100 * value, 100 * bound
                )
            WHEN 'gain_over_ols'
                THEN printf(
                    'its error is at least %.1f %% below that of least squares (needed: %.1f %%)', 100 * value, 100 * bound
                )
            WHEN 'gain_over_champion'
                THEN printf(
                    'its mean absolute error is %.1f %% below that of version %d (needed: %.1f %%)',
                    100 * value, champion_version, 100 * bound
                )
            WHEN 'least_gain_over_champion'
                THEN printf(
                    'of that, %.1f %% are no chance (needed: more than %.1f %%)', 100 * value, 100 * bound
                )
            WHEN 'rmse_gain_over_champion'
                THEN printf(
                    'its RMSE is %.1f %% below that of version %d (needed: %.1f %%)', 100 * value, champion_version, 100 * bound
                )
            WHEN 'worst_segment_ratio'
                THEN printf('its worst segment has %.2f times the overall error (at most %.2f)', value, bound)
            WHEN 'coverage_at_least'
                THEN printf('its range covers %.1f %% of test prices (at least %.1f %%)', 100 * value, 100 * bound)
            WHEN 'coverage_at_most'
                THEN printf('its range covers %.1f %% of test prices (at most %.1f %%)', 100 * value, 100 * bound)
            WHEN 'median_ratio_at_least'
                THEN printf('its median price is %.3f of the true one (at least %.3f)', value, bound)
            WHEN 'median_ratio_at_most'
                THEN printf('its median price is %.3f of the true one (at most %.3f)', value, bound)
            WHEN 'cod_at_most'
                THEN printf('its prices lie %.1f %% around their level (at most %.1f %%)', value, bound)
            WHEN 'leaks_at_most'
                THEN printf('%.0f features or rows look as if they knew the price (at most %.0f)', value, bound)
            WHEN 'gate_off'
                THEN 'it is champion without being judged, by gate.mode=off'
            WHEN 'dry_run'
                THEN 'nobody is promoted, by gate.mode=dry_run'
            WHEN 'rollback'
                THEN printf('it is champion again, in place of version %d', champion_version)
            ELSE printf('%s is %.4f, the bound %.4f', rule, value, bound)
        END
    ) AS sentence
FROM promotion_decisions
ORDER BY decided_at DESC, rule
