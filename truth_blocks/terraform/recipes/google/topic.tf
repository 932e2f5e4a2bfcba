# makes: a Pub/Sub topic with one subscription and a dead-letter topic
# assumes: A message that fails five times goes to the dead-letter topic.
# asks: Who reads the messages?
# output: topic_id | google_pubsub_topic.recipe_name.id | Id of the topic
resource "google_pubsub_topic" "recipe_name" {
  name = var.name
}

resource "google_pubsub_topic" "recipe_name_dead" {
  name = "${var.name}-dead"
}

resource "google_pubsub_subscription" "recipe_name" {
  name                 = var.name
  topic                = google_pubsub_topic.recipe_name.id
  ack_deadline_seconds = 60

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.recipe_name_dead.id
    max_delivery_attempts = 5
  }
}
