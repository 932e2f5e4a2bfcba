# makes: a BigQuery dataset with one table, partitioned by day
# assumes: Only people whom the project grants access read the dataset.
# asks: Which columns should the table have?
# output: dataset_id | google_bigquery_dataset.recipe_name.id | Id of the dataset
resource "google_bigquery_dataset" "recipe_name" {
  dataset_id = replace(var.name, "-", "_")
  location   = var.region
}

resource "google_bigquery_table" "recipe_name" {
  dataset_id          = google_bigquery_dataset.recipe_name.dataset_id
  table_id            = "events"
  deletion_protection = true

  time_partitioning {
    type  = "DAY"
    field = "at"
  }

  schema = jsonencode([
    { name = "at", type = "TIMESTAMP", mode = "REQUIRED" },
    { name = "payload", type = "JSON", mode = "NULLABLE" },
  ])
}
