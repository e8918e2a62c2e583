# Databricks notebook source
# MAGIC %md
# MAGIC # Run the pipeline
# MAGIC
# MAGIC From files to priced homes: `ingest`, `clean`, `features`, `train`, `evaluate`, `promote`, `score`. Each stage
# MAGIC is a function of `housing_spark.pipeline` and the same as the command `housing <stage>`. Run it again: every
# MAGIC stage says `already applied` and writes nothing but its record.

# COMMAND ----------

dbutils.widgets.text("dataset", "ames", "Dataset: name or path of a contract")
dbutils.widgets.text("input", "", "New rows; empty: the contract's own")
dbutils.widgets.text("warehouse", "", "Folder of the tables; empty: as in the settings")
dbutils.widgets.text("trials", "2", "Trials of the search; more find better models")

# COMMAND ----------

from housing_spark import notebooks

trials = int(dbutils.widgets.get("trials"))
budget = f"search.max_evals={{gbt: {trials}}}"

with notebooks.open_run(
    dbutils.widgets.get("dataset"),
    input=dbutils.widgets.get("input"),
    warehouse=dbutils.widgets.get("warehouse"),
    settings=[budget],
) as run:
    stages = notebooks.run_stages(run)

spark.sql(f"USE {run.warehouse.database}")
display(stages)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The search
# MAGIC
# MAGIC Each trial, and the lowest error on validation rows so far.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT study, trial, estimator, loss, best_so_far, rank_in_study, seconds, parameters FROM search_history

# COMMAND ----------

# MAGIC %md
# MAGIC ## The model, beside the baselines
# MAGIC
# MAGIC Test rows judge a model once. `test_rmse_ols` is least squares on the raw numeric columns.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT model_version, is_champion, estimator, test_rmse, test_rmse_ols, test_median_ape, test_coverage
# MAGIC FROM model_versions

# COMMAND ----------

# MAGIC %md
# MAGIC ## The gate
# MAGIC
# MAGIC A version becomes champion only if every rule is met.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT decided_at, passed, sentence FROM gate_decisions

# COMMAND ----------

# MAGIC %md
# MAGIC ## The prices
# MAGIC
# MAGIC Each home has a price, a range, and a passport that names the model, the table versions and the code.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT prediction_id, prediction, prediction_lower, prediction_upper, split, model_version
# MAGIC FROM predictions_latest
