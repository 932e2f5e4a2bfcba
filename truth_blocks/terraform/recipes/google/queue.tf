# makes: a task queue (Cloud Tasks) that retries failed tasks
# output: queue_id | google_cloud_tasks_queue.recipe_name.id | Id of the queue
resource "google_cloud_tasks_queue" "recipe_name" {
  name     = var.name
  location = var.region

  retry_config {
    max_attempts = 5
  }
}
