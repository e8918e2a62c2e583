-- What is each family of features worth to a model?
-- variant: all features, without or with a family, the contract's raw columns alone, or outliers treated another way
-- gain: what all features take off this RMSE, as a share of it; null: all features
-- gain_low: lower end of its paired bootstrap interval
-- gain_high: upper end of its paired bootstrap interval

SELECT
    model_version,
    variant,
    training_rows,
    rows,
    rmse,
    rmse_low,
    rmse_high,
    mae,
    median_ape,
    moran_i,
    compared AS gain,
    compared_low AS gain_low,
    compared_high AS gain_high
FROM study_fits
WHERE study = 'ablation'
ORDER BY model_version, position
