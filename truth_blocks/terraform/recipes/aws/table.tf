# makes: a DynamoDB table, paid per request, encrypted, with point-in-time recovery
# assumes: Items are found by one string key.
# asks: What is the key of an item, and is a sort key needed?
# output: table_arn | aws_dynamodb_table.recipe_name.arn | ARN of the table
resource "aws_dynamodb_table" "recipe_name" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.table_key

  attribute {
    name = var.table_key
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}
