import mensajeria.models.base
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mensajeria', '0007_nombres_plegados'),
    ]

    operations = [
        migrations.CreateModel(
            name='Epoca',
            fields=[
                ('id', models.CharField(db_column='_id', default='base', max_length=8, primary_key=True, serialize=False)),
                ('valor', models.CharField(max_length=24)),
                ('identidad', models.CharField(default=mensajeria.models.base.nuevo_id, max_length=24)),
            ],
            options={
                'default_permissions': (),
            },
        ),
    ]
