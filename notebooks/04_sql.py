# Databricks notebook source
# MAGIC %md
# MAGIC # SQL for analysts
# MAGIC
# MAGIC Tables and views by name. A view answers one question; `housing sql --list` prints them all.
# MAGIC
# MAGIC Runs the pipeline first where nothing has been priced yet.

# COMMAND ----------

dbutils.widgets.text("dataset", "ames", "Dataset: name or path of a contract")
dbutils.widgets.text("input", "", "Rows to begin with; empty: the contract's own")
dbutils.widgets.text("warehouse", "", "Folder of the tables; empty: as in the settings")
dbutils.widgets.text("trials", "2", "Trials of the search, where a model has to be trained first")
dbutils.widgets.text("discount", "0.1", "Share below the prediction from which a home is a bargain")

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
    notebooks.bring_up(run)

spark.sql(f"USE {run.warehouse.database}")

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is there

# COMMAND ----------

# MAGIC %sql
# MAGIC SHOW TABLES

# COMMAND ----------

# MAGIC %sql
# MAGIC DESCRIBE TABLE predictions_latest

# COMMAND ----------

# MAGIC %md
# MAGIC ## What does a home cost in each segment?

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM median_price_by_segment

# COMMAND ----------

# MAGIC %md
# MAGIC ## How do prices move?

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM price_over_time

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which homes are bargains?
# MAGIC
# MAGIC Below their range, and at least as far below the prediction as the widget says.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT row_key, price, prediction, prediction_lower, discount
# MAGIC FROM undervalued_listings
# MAGIC WHERE discount >= CAST(:discount AS DOUBLE)

# COMMAND ----------

# MAGIC %md
# MAGIC ## How wide are the ranges?

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM range_width

# COMMAND ----------

# MAGIC %md
# MAGIC ## What made a price?
# MAGIC
# MAGIC The passport of one prediction: model, search, tables, code and settings.

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT p.prediction_id, p.prediction, p.model_version, p.estimator, p.parameters, p.artifact_sha256,
# MAGIC   p.input_version, p.contract_hash, p.git_commit, p.batch_id
# MAGIC FROM prediction_passport AS p
# MAGIC ORDER BY p.prediction_id
# MAGIC LIMIT 1

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which jobs ran?

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT * FROM job_summary
